"""Writes the key files and keys that the wallet's tests are checked against.

    generate.py DIR

Everything is made by programs that share no code with btpow, from public test phrases alone, and is the same
each time: `ansible_vault` by ansible-core, `fernet` by the cryptography package, `nacl` by PyNaCl and
argon2-cffi, `keys.json` by bittensor-core. README.md says which versions.
"""

import base64
import hashlib
import json
import pathlib
import sys

import bittensor_core
from ansible.parsing.vault import VaultAES256, VaultSecret, format_vaulttext_envelope
from argon2.low_level import Type, hash_secret_raw
from cryptography.fernet import Fernet
from nacl.secret import SecretBox

PASSWORD = b"golden-test-password"
ABANDON = "abandon " * 11 + "about"

PHRASES = [
    ABANDON,
    "abandon " * 14 + "address",
    "abandon " * 17 + "agent",
    "abandon " * 20 + "admit",
    "abandon " * 23 + "art",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "zoo " * 11 + "wrong",
    "zoo " * 23 + "vote",
]

# A name of 32 bytes with its length is one byte too long to be kept as it is; from 64 bytes on the length takes
# two bytes. 18446744073709551616 is no longer a number.
PATHS = [
    "//Alice",
    "/soft",
    "//hard/soft",
    "//hard/soft///password",
    "///password",
    "//0",
    "//42/7",
    "//18446744073709551615",
    "//18446744073709551616",
    "//" + "a" * 31,
    "//" + "a" * 32,
    "//" + "a" * 63,
    "//" + "a" * 64,
    "/" + "a" * 300,
    "//a//b//c/d/e",
    "//one///pass/word",
]

NACL_SALT = bytes.fromhex("137183dff15a09bc9c90b5518739e9b1")
FERNET_SALT = b"Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins"


def fields(pair):
    return json.loads(bittensor_core.serialized_keypair_to_keyfile_data(pair))


def keys():
    for name, scheme in ("ed25519", 0), ("sr25519", 1):
        for phrase in PHRASES:
            pair = bittensor_core.Keypair.create_from_mnemonic(phrase, scheme)
            yield {"uri": phrase, "scheme": name} | known(pair, private=True)
        for phrase in "", ABANDON:
            for path in PATHS:
                if phrase + path == "///password":
                    continue  # neither a phrase nor a path
                soft = "/" in path.split("///")[0].replace("//", "")
                if soft and name == "ed25519":
                    continue
                pair = bittensor_core.Keypair.create_from_uri(phrase + path, scheme)
                # The private key of a soft step is another one each time.
                yield {"uri": phrase + path, "scheme": name} | known(pair, private=not soft)


def known(pair, private):
    told = fields(pair)
    answer = {"public_key": told["publicKey"], "address": told["ss58Address"]}
    if private:
        answer["private_key"] = told["privateKey"]
    return answer


def ansible_vault(plain):
    body = VaultAES256.encrypt(plain, VaultSecret(PASSWORD), salt=bytes(range(32)))
    return format_vaulttext_envelope(body, "AES256")


def fernet(plain):
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD, FERNET_SALT, 10_000_000)
    token = Fernet(base64.urlsafe_b64encode(key))
    return token._encrypt_from_parts(plain, 1_700_000_000, bytes(range(16)))


def nacl(plain):
    key = hash_secret_raw(PASSWORD, NACL_SALT, 8, 512 * 1024, 1, 32, Type.I)
    return b"$NACL" + SecretBox(key).encrypt(plain, bytes(range(24)))


def main():
    out = pathlib.Path(sys.argv[1])
    pair = bittensor_core.Keypair.create_from_mnemonic(ABANDON, 0)
    plain = json.dumps(fields(pair), sort_keys=True).encode()
    for make in ansible_vault, fernet, nacl:
        (out / make.__name__).write_bytes(make(plain))
    # What the official program reads is what was meant.
    for make in ansible_vault, fernet, nacl:
        read = bittensor_core.decrypt_keyfile_data((out / make.__name__).read_bytes(), PASSWORD.decode())
        assert bytes(read) == plain, make.__name__
    lines = ",\n".join(json.dumps(key) for key in keys())
    (out / "keys.json").write_text(f"[\n{lines}\n]\n")


main()
