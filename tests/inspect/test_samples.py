"""Sample data: what counts as personal data or a credential in it, and what only looks so."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stdnum import luhn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.inspect.conftest import Reading


ROWS = 60
RANDOM = random.Random(5)


def digits(count: int) -> str:
    return "".join(RANDOM.choice("0123456789") for _ in range(count))


def card(start: str = "4") -> str:
    body = start + digits(15 - len(start))
    return body + luhn.calc_check_digit(body)


def cpf() -> str:
    from stdnum.br import cpf as numbers

    body = digits(9)
    return str(numbers.format(next(f"{body}{n:02d}" for n in range(100) if numbers.is_valid(f"{body}{n:02d}"))))


def iban() -> str:
    from stdnum import iban as numbers

    body = f"10000000{digits(10)}"
    return next(f"DE{n:02d}{body}" for n in range(2, 99) if numbers.is_valid(f"DE{n:02d}{body}"))


def table(header: str, values: Iterable[str]) -> str:
    return f"{header}\n" + "".join(f"{number},{value}\n" for number, value in enumerate(values))


def found(reading: Reading) -> set[tuple[str, str | None, str]]:
    return {(fact["content"], fact["column"], fact["basis"]) for fact in reading.of("data.content")}


FIRST = ("anna", "boris", "chidi", "dalia", "emre")
HOSTS = ("posteo.de", "gmail.com", "libero.it")


def mails(count: int) -> list[str]:
    return [f"{FIRST[n % 5]}.w{n}@{HOSTS[n % 3]}" for n in range(count)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", table("id,customer_email", mails(ROWS)), ("email", "customer_email", "header")),
        ("a.csv", table("id,replyTo", mails(ROWS)), ("email", "replyTo", "share")),
        ("a.tsv", "id\te-mail\n1\tanna.w@posteo.de\n", ("email", "e-mail", "header")),
        ("a.csv", "id;mail\n1;anna.w@posteo.de\n2;b.w@libero.it\n", ("email", "mail", "header")),
        ("a.csv", table("id,ref", [card() for _ in range(ROWS)]), ("payment-card", "ref", "share")),
        ("a.csv", table("id,cc_number", [card("52")]), ("payment-card", "cc_number", "header")),
        ("a.csv", table("id,x", [f"536-{n}-8{n}1" for n in range(20, 60)]), ("us-ssn", "x", "share")),
        ("a.csv", table("id,SSN", ["536-22-8741"]), ("us-ssn", "SSN", "header")),
        ("a.csv", table("id,account", [iban() for _ in range(9)]), ("iban", "account", "share")),
        ("a.csv", table("id,doc", [cpf() for _ in range(9)]), ("br-cpf", "doc", "share")),
        (
            "a.csv",
            table("id,mobile_phone", [f"20{n}7654{n}19" for n in range(10, 50)]),
            ("phone", "mobile_phone", "header"),
        ),
        ("a.csv", table("id,c", [f"+49 151 26543{n}" for n in range(10, 50)]), ("phone", "c", "share")),
        ("sample.json", '{"instances": [{"email": "anna.w@posteo.de"}]}', ("email", "email", "header")),
        ("a.jsonl", f'{{"u": {{"cardNumber": {card()}}}}}\n', ("payment-card", "cardNumber", "header")),
        ("samples/t.txt", "".join(f"Write to {mail}, please\n" for mail in mails(9)), ("email", None, "text")),
        ("samples/t.txt", "My social security number is 536-22-8741.\n", ("us-ssn", None, "text")),
    ],
)
def test_personal_data_is_found(read: Callable[..., Reading], name: str, text: str, expected: tuple[str, ...]) -> None:
    reading = read(text, "samples", path=name)
    assert found(reading) == {expected}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ids of sixteen digits", table("id,order", [f"4{digits(15)}" for _ in range(ROWS)])),
        ("ids under a telling name", table("id,card_id", [card() for _ in range(3)])),
        ("a single card by chance", table("id,order", [card(), *(f"9{digits(15)}" for _ in range(ROWS))])),
        ("time stamps", table("id,ts", [f"16{digits(11)}" for _ in range(ROWS)])),
        ("floats", table("id,mobile", [f"0.{digits(16)}" for _ in range(ROWS)])),
        ("flags", table("id,phone", [str(n % 2) for n in range(ROWS)])),
        ("ten digits", table("id,population", [f"2{digits(9)}" for _ in range(ROWS)])),
        ("short numbers of a public data set", table("id,Phone", [f"3{digits(2)}-{digits(4)}" for _ in range(ROWS)])),
        ("hashes", table("id,sha", [f"{RANDOM.getrandbits(256):064x}" for _ in range(ROWS)])),
        ("keys in capitals", table("id,key", [f"{RANDOM.getrandbits(96):024X}" for _ in range(ROWS)])),
        ("UUIDs", table("id,u", [f"{digits(8)}-{digits(4)}-4{digits(3)}-a{digits(3)}-{digits(12)}" for _ in "abcde"])),
        ("addresses for documents", table("id,email", [f"user{n}@example.com" for n in range(ROWS)])),
        ("made-up people", table("id,email", ["john.doe@gmail.com", "info@posteo.de", "test1@gmail.com"])),
        ("numbers for fiction", table("id,phone", [f"212-555-01{n}" for n in range(10, 60)])),
        ("test cards", table("id,card", ["4111111111111111", "4242424242424242", "5555555555554444"])),
        ("part numbers", table("id,part", ["123-45-6789", "A-1", "B-2", "C-3", "D-4"])),
        ("one address in many reviews", "text\n" + "a good film\n" * 500 + "write to anna.w@posteo.de\n"),
        ("names of columns", "email,phone,ssn,card_number,iban\n,,,,\n"),
        ("images called twice", table("id,file", [f"icon{n}@2x.png" for n in range(ROWS)])),
        ("decorators", "".join(f"x @torch.no_grad{n}\n" for n in range(ROWS))),
        ("peptides", table("id,seq", ["AKIAVLLPWGHTYCDRSMNE"])),
        ("the key of the documentation", table("id,key", ["AKIAIOSFODNN7EXAMPLE"])),
        ("nothing", ""),
    ],
)
def test_what_only_looks_like_personal_data(read: Callable[..., Reading], name: str, text: str) -> None:
    assert not found(read(text, "samples", path="samples/a.csv")), name


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("AKIAQ7ZK3RT5XWPL2MNB", "aws-access-key-id"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq98wTxW3d7Yq2V", "private-key"),
        ("ghp_a8Fk2LmQ9xZr7TbV4cWn1YpS6dHj3GuE5oKt", "github-token"),
    ],
)
def test_credentials_are_found_where_they_stand(read: Callable[..., Reading], line: str, kind: str) -> None:
    reading = read(f"dear desk\nwe used {line}\n", "samples", path="samples/a.txt")
    fact = reading.one("data.content")
    assert (fact["category"], fact["content"], fact.location.line) == ("credential", kind, 2)


def test_values_never_become_part_of_a_fact(read: Callable[..., Reading]) -> None:
    reading = read(table("id,email,key", ["anna.w@posteo.de,AKIAQ7ZK3RT5XWPL2MNB"]), "samples", path="samples/a.csv")
    shown = json.dumps([dict(fact.fields) for fact in reading.facts])
    assert len(reading.facts) == 2
    assert "anna" not in shown
    assert "AKIA" not in shown


def test_lines_are_counted_across_quoted_line_ends(read: Callable[..., Reading]) -> None:
    text = 'id,note,email\n1,"two\nlines",\n2,x,anna.w@posteo.de\n'
    assert read(text, "samples", path="a.csv").one("data.content").location.line == 4


LARGE = 256 * 1024
HOSTILE = {
    "signs": "@" * LARGE,
    "addresses without an end": "a@b." * (LARGE // 4),
    "many addresses": "email\n" + "a@b.de\n" * (LARGE // 7),
    "one number": "phone,card\n" + "4" * LARGE,
    "spaced digits": "phone\n" + "1 " * (LARGE // 2),
    "brackets": "phone\n" + "(" * LARGE,
    "almost cards": "card\n" + "4539-5787-6362-1487\n" * (LARGE // 20),
    "almost IBANs": "GB82 WEST 1234 " * (LARGE // 15),
    "almost SSNs": "ssn 123-45-6789 " * (LARGE // 16),
    "quotes": '"' * LARGE,
    "open quotes": 'a,"b\n' * (LARGE // 5),
    "commas": "," * LARGE,
    "members without values": '{"a":"' * (LARGE // 6),
    "escapes": '"' + '\\"a\\":' * (LARGE // 6),
    "nested lists": "[" * LARGE,
    "a huge number": '"card":' + "1" * LARGE,
    "many columns": ",".join(f"c{n}@x.de" for n in range(LARGE // 10)) + "\n1,2,3\n",
    "half keys": "AKIA" * (LARGE // 4),
    "half private keys": "-----BEGIN PRIVATE KEY-----\n" * (LARGE // 28),
    "lone surrogates and control characters": "\ud800\x1b,\x85\u2028" * 1000,
}


@pytest.mark.parametrize("suffix", ["csv", "json", "txt"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_takes_little_time(read: Callable[..., Reading], name: str, suffix: str) -> None:
    read(HOSTILE[name], "samples", path=f"samples/a.{suffix}")


@pytest.mark.parametrize("data", [b"\x00\x01binary", b"\xff\xfea\x00", "ü,é\n".encode("latin-1"), b"\xef\xbb\xbfa,b\n"])
def test_other_encodings_give_a_notice_at_most(read: Callable[..., Reading], data: bytes) -> None:
    reading = read(data, "samples", path="samples/a.csv")
    assert not reading.facts
    assert all(notice.level == "note" for notice in reading.notices)


def test_data_sets_of_packages_and_fixtures_are_clean(read: Callable[..., Reading]) -> None:
    folder = Path(__file__).parents[2] / "fixtures" / "products"
    for path in folder.rglob("*.csv"):
        if path.parent.parent.name != "private-sample-data" and "train" not in path.parts:
            assert not found(read(path.read_bytes(), "samples", path=path.name)), path


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ('{"a": 1}', False),
        ('{"a": 1}\n{"a": NaN}\n', False),
        ("{'a': 1}", True),
        ('{"a": 1}\n{"a": }\n', True),
        ('{"a": {{ value }}}', False),
        ("[" * 100_000, False),
    ],
)
def test_samples_that_are_no_json(read: Callable[..., Reading], text: str, broken: bool) -> None:
    assert read(text, "samples", path="samples/a.json").one("data.file")["broken"] is broken
