"""Jobs as callers and operators see them: files go out, progress is followed, results come back."""
