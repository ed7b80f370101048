"""What a dataset may hold. A refusal that rests on one of these numbers says the number."""

from typing import Final

# Of the file as it was dropped: it is held whole beside what is made of it.
MAX_FILE_BYTES: Final = 256 * 1024 * 1024
# Of the content, gunzipped: what a gzip bomb is stopped at. Five times what a million questions take, and the worst
# that can be in so much (a wide character in every long text) still fits 3 GB of memory.
MAX_CONTENT_BYTES: Final = 500_000_000
# A million take less than 1 GB of memory.
MAX_EXAMPLES: Final = 5_000_000
# One example with everything its tool exported beside it; also what bounds the text held while parsing.
MAX_RECORD_CHARACTERS: Final = 10_000_000

# A longer text is a mistake (a whole file pasted, a quote never closed): models read its beginning only.
MAX_TEXT_CHARACTERS: Final = 100_000
# Comprehend's synchronous document; far beyond the tokens a transformer reads.
LONG_TEXT_BYTES: Final = 10_000

# Amazon Comprehend's limits, kept for every backend so that a dataset can change backends.
MAX_LABEL_CHARACTERS: Final = 5_000
MAX_MULTI_CLASS_LABELS: Final = 1_000
MAX_MULTI_LABEL_LABELS: Final = 100

DEFAULT_MINIMUM_EXAMPLES: Final = 10
# One for each of the train, validation and test splits.
MINIMUM_TEXTS: Final = 3
# Beyond this share of contradictory rows the labels are in doubt, not the rows.
MAX_CONFLICT_SHARE: Final = 0.10
