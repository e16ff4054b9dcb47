"""What an auditor looks for in the ledger's histories, as pure rules; a finding asks a question and accuses nobody."""
