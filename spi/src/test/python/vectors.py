"""Writes the test vectors, or checks them: python3 vectors.py write|check FOLDER.

check computes every committed vector again from the fields in the file, expects every refused one to be refused, and
says whether the files are what write would make.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036 - before what an older one cannot import
    sys.exit("the vectors need Python 3.11 or later, this is " + sys.version.split()[0])

import builders
import cases
import crypto_cases
import ed25519
import hpke
import structures as s


def refusal(structure: str, fields: dict[str, Any]) -> str | None:
    """The error code, or None when the fields were accepted."""
    try:
        builders.REFUSERS[structure](fields)
    except s.Refused as e:
        return e.code
    return None


def document(structure: str) -> dict[str, Any]:
    about, accepted, refused = cases.ABOUT[structure]
    vectors = [{"name": n, "fields": f, "expected": builders.BUILDERS[structure](f)} for n, f in accepted]
    return {
        "structure": structure,
        "about": about,
        "vectors": vectors,
        "refused": [{"name": n, "code": code, "fields": f} for n, code, f in refused],
    }


def rendered(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def faults(structure: str, content: dict[str, Any]) -> list[str]:
    found = []
    for vector in content["vectors"]:
        if builders.BUILDERS[structure](vector["fields"]) != vector["expected"]:
            found.append(f"{structure}: {vector['name']} comes out differently")
    for vector in content["refused"]:
        code = refusal(structure, vector["fields"])
        if code != vector["code"]:
            found.append(f"{structure}: {vector['name']} gives {code or 'no refusal'}, not {vector['code']}")
    return found


def known_answers() -> list[str]:
    """Answers that RFC 8032, 7.1 and RFC 9180, A.1.1 print, so that our own primitives are not their own judges."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    rfc = {name: bytes.fromhex(v) for name, v in crypto_cases.RFC_9180_A_1_1.items() if isinstance(v, str)}
    public = hpke.x25519_public(rfc["receiver_secret"])
    encapsulation, context = hpke.sender(public, rfc["info"], rfc["ephemeral_secret"])
    sealed = context.seal(b"Count-0", b"Beauty is truth, truth beauty")
    answers = {
        "RFC 8032 signature": ed25519.sign(seed, b"\x72").hex() == signature,
        "RFC 9180 encapsulation": encapsulation.hex()
        == "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
        "RFC 9180 ciphertext": sealed.hex()
        == "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
        "RFC 9180 export": context.export(b"TestContext", 32).hex()
        == "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    }
    return [f"{name} is wrong" for name, right in answers.items() if not right]


def check(folder: Path) -> list[str]:
    found = known_answers()
    names = {path.stem for path in folder.glob("*.json")}
    found += [f"{name}.json is missing" for name in sorted(cases.ABOUT.keys() - names)]
    found += [f"{name}.json is of no known structure" for name in sorted(names - cases.ABOUT.keys())]
    for name in sorted(names & cases.ABOUT.keys()):
        text = (folder / f"{name}.json").read_text("utf-8")
        found += faults(name, json.loads(text))
        if text != rendered(document(name)):
            found.append(f"{name}.json is not what 'write' makes")
    return found


def write(folder: Path) -> list[str]:
    found = []
    for name in cases.ABOUT:
        content = document(name)
        found += faults(name, content)
        (folder / f"{name}.json").write_text(rendered(content), "utf-8")
    return found


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        print("usage: vectors.py write|check FOLDER", file=sys.stderr)
        return 2
    found = (write if sys.argv[1] == "write" else check)(Path(sys.argv[2]))
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{len(cases.ABOUT)} structures agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
