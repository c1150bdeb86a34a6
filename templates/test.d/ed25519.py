"""A host key for the tests: ed25519.py PUBLIC-FILE writes its public half there and prints Dropbear's file as octal escapes.

The key of test 1 in RFC 8032, 7.1: as secret as that.
"""
import base64
import pathlib
import sys

SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def string(content):
    return len(content).to_bytes(4, "big") + content


kind = string(b"ssh-ed25519")
pathlib.Path(sys.argv[1]).write_text("ssh-ed25519 " + base64.b64encode(kind + string(PUBLIC)).decode() + "\n")
print("".join(f"\\{byte:03o}" for byte in kind + string(SECRET + PUBLIC)))
