"""The proofs of the ledger: trees (RFC 6962), signed notes, checkpoints, tiles, cosignatures and receipts (C2SP), all pure."""
