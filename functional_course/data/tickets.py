"""Support tickets: what a customer wrote, the tags on the ticket, and two answers: how urgent it is, and whose it is.

The tickets are made up from templates, by a seed. What the text is about and which product is tagged decide the
department; how badly the customer is hit and which contract is tagged decide the priority. So neither the text alone
nor the tags alone decide either answer. One word in ten is misspelt and reads ``[UNK]``, as a word that no vocabulary
holds does.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

Examples = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]

DEPARTMENTS = ("accounts", "hardware", "sales", "software")
PRIORITIES = ("low", "normal", "high")

_PRODUCTS = ("device", "app")
_CONTRACTS = ("free plan", "paid plan", "guaranteed answer")
_CHANNELS = ("by phone", "by mail")
TAGS = (*_PRODUCTS, *_CONTRACTS, *_CHANNELS, "first contact")

_TOPICS = {
    "money": (
        "we were charged twice this month",
        "the last invoice shows the wrong amount",
        "our refund has not arrived yet",
        "please correct the address on the bill",
    ),
    "order": (
        "we would like to order ten more",
        "what would a second licence cost",
        "can we change to the larger plan",
        "please make us an offer for the whole team",
    ),
    "fault": (
        "it does not start any more",
        "it stops after a few minutes",
        "it shows nothing but a red warning",
        "the last update failed twice",
    ),
    "use": (
        "how do we connect it to the network",
        "it forgets our settings every night",
        "where do we set the language",
        "we cannot find the export button",
    ),
}
# From "can wait" to "all has stopped": the position is what counts towards the priority.
_IMPACTS = (
    ("there is no hurry", "it can wait until next week", "nobody is held up by it"),
    ("it slows some of us down", "we lose an hour a day", "for now we work around it"),
    ("nobody here can work", "everything has stood still since this morning", "we have to turn customers away"),
)
_GREETINGS = ("", "hello", "good morning", "dear support team")
_ENDINGS = ("", "thanks", "best regards", "please call back")

_SENTENCES = [*sum(_TOPICS.values(), ()), *sum(_IMPACTS, ()), *_GREETINGS, *_ENDINGS]
UNKNOWN = "[UNK]"
# Alphabetical, so that an id says nothing about what its word means. 0 is the padding of short texts.
VOCABULARY = ("", UNKNOWN, *sorted({word for sentence in _SENTENCES for word in sentence.split()}))
LENGTH = sum(
    max(len(sentence.split()) for sentence in sentences)
    for sentences in (sum(_TOPICS.values(), ()), sum(_IMPACTS, ()), _GREETINGS, _ENDINGS)
)
_IDS = {word: number for number, word in enumerate(VOCABULARY)}


def load_data(seed: int = 0, train: int = 2000, test: int = 500, noise: float = 0.1) -> tuple[Examples, Examples]:
    """Make tickets, each with its text, its tags and the two answers.

    Args:
        seed: which tickets there are. The same seed always gives the same ones.
        train: how many training tickets.
        test: how many test tickets. No ticket stands on both sides.
        noise: the share of words that are misspelt, and so unknown.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Each ``x`` is a dict: ``"text"``, int64 token ids of shape
        ``(n, 22)``, padded with 0, and ``"tags"``, float32 of shape ``(n, 8)``, 1 where the ticket has that one of
        ``TAGS``. Each ``y`` is a dict too: ``"priority"`` and ``"department"``, int64 of shape ``(n,)``, positions in
        ``PRIORITIES`` and ``DEPARTMENTS``.

    Raises:
        ValueError: so many tickets are asked for that they would repeat, or ``noise`` is no share.

    Example:

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train["text"].shape, x_train["tags"].shape, y_train["priority"].shape
    ((2000, 22), (2000, 8), (2000,))
    """
    if not 0 <= noise < 1:
        raise ValueError(f"noise is a share of the words, from 0 up to but not including 1; found {noise}.")
    generator = np.random.default_rng(seed)
    tickets: dict[tuple[str, tuple[int, ...]], tuple[int, int]] = {}
    for _ in range(10 * (train + test)):
        if len(tickets) == train + test:
            break
        text, tags, priority, department = _ticket(generator, noise)
        tickets[text, tags] = priority, department
    else:
        raise ValueError(f"There are too few different tickets for {train} and {test}: ask for fewer, or more noise.")

    texts = encode(text for text, _ in tickets)
    tagged = np.array([tags for _, tags in tickets], "float32").reshape(-1, len(TAGS))
    answers = np.array(list(tickets.values()), "int64").reshape(-1, 2)

    def side(rows: slice) -> Examples:
        x = {"text": texts[rows], "tags": tagged[rows]}
        return x, {"priority": answers[rows, 0], "department": answers[rows, 1]}

    return side(slice(train)), side(slice(train, None))


def encode(texts: Iterable[str]) -> np.ndarray:
    """Texts as token ids of shape ``(n, 22)``, padded with 0 at the end. A word that is not known has the id 1.

    Raises:
        ValueError: a text of more than ``LENGTH`` words.

    Example:

    >>> ids = encode(["nobody here can work"])
    >>> ids.shape, [VOCABULARY[token] for token in ids[0, :5]]
    ((1, 22), ['nobody', 'here', 'can', 'work', ''])
    """
    texts = [texts] if isinstance(texts, str) else list(texts)
    ids = np.zeros((len(texts), LENGTH), "int64")
    for row, text in enumerate(texts):
        words = text.split()
        if len(words) > LENGTH:
            raise ValueError(f"A text has at most {LENGTH} words; this one has {len(words)}: {text!r}.")
        ids[row, : len(words)] = [_IDS.get(word, _IDS[UNKNOWN]) for word in words]
    return ids


def decode(ids: np.ndarray) -> list[str]:
    """The texts that vectors of token ids stand for.

    Example:

    >>> decode(encode(["nobody here can werk"]))
    ['nobody here can [UNK]']
    """
    return [" ".join(VOCABULARY[token] for token in row if token) for row in np.atleast_2d(np.asarray(ids))]


def names(tags: np.ndarray) -> list[str]:
    """The tags that one multi-hot vector of shape ``(8,)`` stands for.

    Example:

    >>> names(np.array([1, 0, 0, 0, 1, 0, 1, 0]))
    ['device', 'guaranteed answer', 'by mail']
    """
    return [name for name, there in zip(TAGS, tags, strict=True) if there]


def _ticket(generator: np.random.Generator, noise: float) -> tuple[str, tuple[int, ...], int, int]:
    """One ticket: its text, its tags, its priority and its department."""
    topic = str(generator.choice(list(_TOPICS)))
    product, channel, first = (int(value) for value in generator.integers(2, size=3))
    impact, contract = (int(value) for value in generator.integers(3, size=2))

    middle = [generator.choice(_TOPICS[topic]), generator.choice(_IMPACTS[impact])]
    generator.shuffle(middle)
    sentences = [generator.choice(_GREETINGS), *middle, generator.choice(_ENDINGS)]
    words = np.array(" ".join(sentences).split(), dtype=object)
    words[generator.random(len(words)) < noise] = UNKNOWN

    given = {_PRODUCTS[product], _CONTRACTS[contract], _CHANNELS[channel]} | ({"first contact"} if first else set())
    tags = tuple(int(tag in given) for tag in TAGS)
    return " ".join(words), tags, _priority(impact, contract), DEPARTMENTS.index(_department(topic, product))


def _priority(impact: int, contract: int) -> int:
    """0, 1 or 2 from how badly the customer is hit and how good the contract is, each 0, 1 or 2: equal shares."""
    return (0, 0, 1, 2, 2)[impact + contract]


def _department(topic: str, product: int) -> str:
    """Money and orders have a department of their own; faults and questions go to that of the product."""
    return {"money": "accounts", "order": "sales"}.get(topic, ("hardware", "software")[product])
