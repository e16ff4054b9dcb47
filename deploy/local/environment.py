"""The settings of each process of a local city, as files of KEY=VALUE lines that only their owner may read."""

from pathlib import Path

from deploy.local.layout import CITY, GATEWAY, LOOPBACK, TRACKER, Stack, write_private

# The stages that keep disclosures, and so open the vault.
VAULT_STAGES = frozenset({"intake", "verification", "inspection", "issuance"})


def write_environments(stack: Stack, database_urls: dict[str, str]) -> None:
    """Writes one file for every process, also for the archive, which is run on demand."""
    for name in stack.users:
        write_private(stack.env_file(name), format_environment(environment(stack, name, database_urls[name])))


def environment(stack: Stack, name: str, database_url: str) -> dict[str, str]:
    """Returns the settings of one process."""
    stage = stack.stage_of(name)
    values = {
        "JEJAK_SERVICE": stage,
        "JEJAK_SENDER": name,
        "JEJAK_CITY": CITY,
        "JEJAK_HOST": LOOPBACK,
        "JEJAK_PORT": str(stack.port(name)),
        "JEJAK_DATABASE_URL": database_url,
        "JEJAK_KAFKA_SERVERS": stack.kafka_servers,
        "JEJAK_KAFKA_USER": name,
        "JEJAK_KAFKA_PASSWORD": stack.password("kafka", name),
        "JEJAK_LEDGER_URL": stack.url("ledger"),
        "JEJAK_TRACKER_URL": stack.url(TRACKER),
        "JEJAK_INTAKE_URL": stack.url("intake"),
        "JEJAK_SENDERS_FILE": str(stack.senders_file),
        "JEJAK_CITY_KEY_FILE": str(stack.key_file("city")),
        "JEJAK_TOKENS_KEY_FILE": str(stack.key_file("tokens")),
        "JEJAK_CLOCK": stack.clock,
        "JEJAK_LOG_FORMAT": "json",
    }
    if stage in VAULT_STAGES:
        values["JEJAK_KEK_FILE"] = str(stack.key_file("kek"))
    if stage == "intake":
        values["JEJAK_CERTIFICATE_FILE"] = str(stack.certificate_file)
    if name in {sender.name for sender in stack.sealing}:
        values["JEJAK_SENDER_KEY_FILE"] = str(stack.sender_key_file(name))
    if stage == "ledger":
        values["JEJAK_LOG_KEY_FILE"] = str(stack.key_file("log"))
        values["JEJAK_LOG_FOLDER"] = str(stack.folder("log"))
        if stack.witnesses:
            values["JEJAK_WITNESSES_FILE"] = str(stack.witnesses_file)
            values["JEJAK_WITNESSES_QUORUM"] = str(len(stack.witnesses))
    if stage == "treasury":
        values["JEJAK_GATEWAY_KEY_FILE"] = str(stack.key_file("gateway"))
        if stack.clock == "feed":
            values["JEJAK_GATEWAY_URL"] = stack.url(GATEWAY)
    return values


def format_environment(values: dict[str, str]) -> bytes:
    """Returns the lines of a settings file."""
    return "".join(f"{key}={value}\n" for key, value in values.items()).encode()


def read_environment(file: Path) -> dict[str, str]:
    """Reads a settings file: what stands after the first equals sign is the value, as it is."""
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}
