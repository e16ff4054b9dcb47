"""`jejak senders`: who may speak in a city and by which keys, taking the word from one and giving it back, giving up a number that never comes."""

from typing import Annotated, Any, Literal

import typer

from services.cli.client import asked, client, local_stack, token
from services.cli.errors import USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, As, Data, Lang

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The public key: 43 characters.")]
Act = Annotated[Literal["add", "revoke"], typer.Option("--act", help="Register it, or revoke it.")]
OPERATOR = ("jejak-senders", "operator")
CUSTODIAN = "custodian"
LANGUAGES = ("id", "en")
STATES = {"valid": ("berlaku", "valid"), "expired": ("habis", "expired"), "revoked": ("dicabut", "revoked")}
PROPOSED = {"add": ("diusulkan didaftarkan", "proposed to be registered"), "revoke": ("diusulkan dicabut", "proposed to be revoked")}
LIST_HELP = """Lists who may speak in this city, for which stage and agencies, with which keys, who was revoked, and what is proposed about keys.

--format json gives {"senders": [...], "proposals": [...]}; each sender has name, stage, agencies, revoked and keys.
"""
NEW_KEY_HELP = """Makes a key for a sender, adds it to its key file on this machine and prints the public part, which is to be proposed.

The sender goes on with its old key until two persons have registered the new one; then it takes the new one by itself.
"""
KEY_HELP = (
    """Proposes that a KEY may seal what a sender says, or may no longer (--act revoke). Nothing changes until somebody else confirms it."""
)
CONFIRM_HELP = """Confirms what somebody else proposed about a KEY: it holds from its entry in the ledger on."""
REVOKE_HELP = """Takes the word from a sender: what comes from it is rejected from here on, also after a restart of the ledger."""
RESTORE_HELP = """Gives a revoked sender its word back, as it was registered last."""
SKIP_HELP = """Gives up a NUMBER of a SENDER in the history of SUBJECT that can never arrive, and has judged what waits behind it.

Only while a later event of that sender waits; look first whether the missing one may still come (docs/how-to/operate.md).
"""


def register(app: typer.Typer) -> None:
    """Adds senders list, revoke, restore, skip and those about keys."""
    group = typer.Typer(no_args_is_help=True, help="Who may speak, and numbers that never come.", rich_markup_mode=None)
    group.command("list", help=LIST_HELP)(list_senders)
    group.command("revoke", help=REVOKE_HELP)(revoke)
    group.command("restore", help=RESTORE_HELP)(restore)
    group.command("skip", help=SKIP_HELP)(skip)
    group.command("new-key", help=NEW_KEY_HELP)(new_key)
    group.command("propose-key", help=KEY_HELP)(propose_key)
    group.command("confirm-key", help=CONFIRM_HELP)(confirm_key)
    app.add_typer(group, name="senders")


def list_senders(
    data: Data = DEFAULT_DATA,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Lists; the text of the help stands in LIST_HELP."""
    from shared.envelope import canonical

    found = _ask(data, "GET", "/v1/senders")
    if form == "json":
        typer.echo(canonical(found))
        return
    for sender in found["senders"]:
        revoked = ("  revoked" if lang == "en" else "  dicabut") if sender["revoked"] else ""
        typer.echo(f"{sender['name']:<24}{sender['stage']:<14}{', '.join(sender['agencies'])}{revoked}")
        for key in sender["keys"]:
            typer.echo(f"    {key['key']}  {STATES[key['state']][LANGUAGES.index(lang)]}  {key['valid_until']}".rstrip())
    for proposal in found["proposals"]:
        said = PROPOSED[proposal["act"]][LANGUAGES.index(lang)]
        typer.echo(f"{proposal['name']:<24}{proposal['key']}  {said} ({proposal['reason']})")


def revoke(name: Name, data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Revokes; the text of the help stands in REVOKE_HELP."""
    _ask(data, "POST", f"/v1/senders/{name}/revoke", lang)
    typer.echo(f"{name} may no longer speak." if lang == "en" else f"{name} tidak boleh lagi mengirim.")


def restore(name: Name, data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Restores; the text of the help stands in RESTORE_HELP."""
    _ask(data, "POST", f"/v1/senders/{name}/restore", lang)
    typer.echo(f"{name} may speak again." if lang == "en" else f"{name} boleh mengirim lagi.")


def skip(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The application's code, or another subject.")],
    sender: Annotated[str, typer.Argument(metavar="SENDER", help="Whose number it is.")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The number that never comes.")],
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Skips; the text of the help stands in SKIP_HELP."""
    _ask(data, "POST", "/v1/skip-number", lang, json={"subject": subject, "sender": sender, "number": number})
    said = f"Number {number} of {sender} is given up." if lang == "en" else f"Nomor {number} dari {sender} dilewati."
    typer.echo(said)


def new_key(name: Name, data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Makes a key; the text of the help stands in NEW_KEY_HELP."""
    from deploy.local.layout import new_sender_key, write_private
    from shared.proof.keys import read_signer
    from shared.proof.strict import to_base64url

    file, made = local_stack(data).sender_key_file(name), new_sender_key(name)
    if not file.is_file():
        raise JejakError(USAGE, f"{name} has no key file in this city.", "Look at the names: jejak senders list.")
    write_private(file, file.read_bytes() + made)
    key = to_base64url(read_signer(made.decode().strip()).verifier.public)
    following = "Propose it: jejak senders propose-key" if lang == "en" else "Usulkan: jejak senders propose-key"
    typer.echo(f"{key}\n{following} {name} {key} --reason rotation --as NAME")


def propose_key(
    name: Name,
    key: Key,
    person: As,
    reason: Annotated[Literal["new-sender", "rotation", "compromised", "lost"], typer.Option("--reason", help="Why.")],
    act: Act = "add",
    valid_until: Annotated[str, typer.Option("--valid-until", metavar="YYYY-MM-DD", help="The key's last day, if it has one.")] = "",
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Proposes; the text of the help stands in KEY_HELP."""
    body = {"key": key, "act": act, "reason": reason, "valid_until": valid_until}
    _ask(data, "POST", f"/v1/senders/{name}/keys", lang, (person, CUSTODIAN), json=body)
    typer.echo("Proposed; somebody else confirms it." if lang == "en" else "Diusulkan; orang lain yang mengesahkannya.")


def confirm_key(name: Name, key: Key, person: As, act: Act = "add", data: Data = DEFAULT_DATA, lang: Lang = "id") -> None:
    """Confirms; the text of the help stands in CONFIRM_HELP."""
    _ask(data, "POST", f"/v1/senders/{name}/keys/confirm", lang, (person, CUSTODIAN), json={"key": key, "act": act})
    typer.echo("Confirmed; it holds from now on." if lang == "en" else "Disahkan; berlaku mulai sekarang.")


def _ask(data: Data, method: str, path: str, lang: str = "id", by: tuple[str, str] = OPERATOR, **options: Any) -> Any:  # noqa: ANN401 - any JSON value
    stack, (person, role) = local_stack(data), by
    with client(stack, "ledger", token(stack, person, role)) as asking:
        return asked(asking, method, path, headers={"accept-language": lang}, **options)
