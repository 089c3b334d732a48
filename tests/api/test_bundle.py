"""The bundle for machines without a package source: its list, its signature, its installer, on a small one made here.

The whole one is proved by `.ci/prove-offline`, in an empty Debian 12 without any route.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.bundling import archive, collect
from geodata.publishing import keys
from kyodo_geo.errors import InputError

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLER = CHECKOUT / ".ci" / "bundle" / "install.sh"

# Stands for python3: makes "environments" that write down what pip was told, so that the installer runs in a second.
PRETENDED = """#!/bin/bash
# -m venv FOLDER
folder=${@: -1}
mkdir -p "$folder/bin"
cat >"$folder/bin/python" <<'END'
#!/bin/bash
echo "$@" >>"$(dirname "$0")/told"
printf '#!/bin/bash\\n' >"$(dirname "$0")/kyodo-geo"
chmod +x "$(dirname "$0")/kyodo-geo"
END
chmod +x "$folder/bin/python"
"""


def wheel(folder: Path, name: str, version: str, text: str) -> Path:
    """A wheel with one module and, as ours, one program."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    inside = {
        f"{name}.py": f"def main():\n    print({text!r})\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n\nbody\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name.replace('_', '-')} = {name}:main\n",
        f"{info}/licenses/LICENSE.txt": f"licence of {name}",
    }
    inside[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*inside, f"{info}/RECORD"])
    with zipfile.ZipFile(file, "w") as opened:
        for path, content in inside.items():
            opened.writestr(zipfile.ZipInfo(path), content)
    return file


@dataclass
class Made:
    """A small bundle and where it is installed to."""

    work: Path

    def build(self, name: str, other: str, *, since: Path | None = None, identity: str | None = None) -> Path:
        """A bundle of our wheel and one other, in this text; its archive."""
        folder = self.work / f"made-{name}"
        (folder / "wheels").mkdir(parents=True)
        own = wheel(folder / "wheels", "kyodo_geo", "0.1.0", "ours")
        second = wheel(folder / "wheels", "other", "1.0", other)
        digest = hashlib.sha256(second.read_bytes()).hexdigest()
        (folder / "requirements.lock").write_text(f"other==1.0 --hash=sha256:{digest}\n")
        (folder / "own.lock").write_text(collect.own_lock(own))
        (folder / "debs").mkdir()
        (folder / "docs").mkdir()
        (folder / "docs" / "GUIDE.md").write_text("guide")
        collect.licences(folder, folder / "licences")
        (folder / "sbom.json").write_text("{}")
        (folder / "bundle.json").write_text(f'{{\n "id": "{identity or name}"\n}}\n')
        (folder / "install.sh").write_bytes(INSTALLER.read_bytes())
        target = self.work / f"{name}.tar"
        archive.pack(
            folder,
            target,
            private_key=self.work / "k",
            since=archive.sums_of_archive(since) if since else None,
        )
        return target

    def unpack(self, file: Path) -> Path:
        place = self.work / f"unpacked-{file.stem}"
        # Not `extractall(filter=…)`: Debian 12's Python does not have it.
        shutil.unpack_archive(file, place, "tar")
        return place / archive.FOLDER

    def run(
        self, folder: Path, *arguments: str, python: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        pretended = self.work / "pretended"
        pretended.write_text(PRETENDED)
        pretended.chmod(0o755)
        return subprocess.run(
            [folder / "install.sh", *arguments, "--prefix", self.prefix, "--no-system"],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHON": python or str(pretended)},
        )  # fmt: skip

    @property
    def prefix(self) -> Path:
        return self.work / "opt"

    @property
    def current(self) -> str:
        return str((self.prefix / "current").readlink())


@pytest.fixture
def made(tmp_path: Path) -> Made:
    keys.generate(tmp_path / "k", tmp_path / "k.pub")
    return Made(tmp_path)


def test_install_again_patch_and_back(made: Made) -> None:
    first = made.build("first", "one")
    folder = made.unpack(first)
    done = made.run(folder, "--public-key", str(made.work / "k.pub"))
    assert done.returncode == 0, done.stderr
    assert "署名を確かめました" in done.stderr
    told = (made.prefix / "current/venv/bin/told").read_text()
    assert told.count("--no-index --find-links") == 2
    assert told.count("--require-hashes") == 2
    assert (made.prefix / "current/licences/other.txt").read_text().endswith("licence of other\n")
    again = made.run(folder)
    assert "すでに導入してあります" in again.stderr
    assert made.current == "versions/first"

    patch = made.build("second", "two", since=first)
    with tarfile.open(patch) as opened:
        carried = {Path(name).name for name in opened.getnames()}
    assert carried == {
        "SHA256SUMS", "SHA256SUMS.sig", "install.sh", "bundle.json", "other-1.0-py3-none-any.whl", "requirements.lock"
    }  # fmt: skip
    patched = made.run(made.unpack(patch), "--public-key", str(made.work / "k.pub"))
    assert patched.returncode == 0, patched.stderr
    assert made.current == "versions/second"
    back = made.run(folder, "back")
    assert back.returncode == 0, back.stderr
    assert made.current == "versions/first"
    assert made.run(folder, "back").returncode == 0
    assert made.current == "versions/second", "and forward again"


def test_what_was_spoilt_in_the_store_is_not_installed(made: Made) -> None:
    first = made.build("first", "one")
    folder = made.unpack(first)
    assert made.run(folder).returncode == 0
    listed = {line[66:]: line[:64] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    kept = made.prefix / "store" / listed["docs/GUIDE.md"]
    kept.write_text("evil!")
    shutil.rmtree(made.prefix / "versions" / "first")
    again = made.run(folder)
    assert again.returncode == 0, again.stderr
    assert (made.prefix / "versions/first/docs/GUIDE.md").read_text() == "guide"
    assert kept.read_text() == "guide", "it is mended"
    kept.write_text("evil!")
    patch = made.run(made.unpack(made.build("second", "two", since=first)))
    assert patch.returncode == 1 and "ハッシュが合いません" in patch.stderr
    assert made.current == "versions/first"


def test_a_patch_without_what_it_rests_on_is_refused(made: Made) -> None:
    first = made.build("first", "one")
    done = made.run(made.unpack(made.build("second", "two", since=first)))
    assert done.returncode == 1
    assert "控え" in done.stderr
    assert not made.prefix.exists()


@pytest.mark.parametrize(
    "what", ["a byte", "a file more", "a file less", "the list", "the signature", "the key", "a path"]
)
def test_a_bundle_that_is_not_as_it_was_made_changes_nothing(made: Made, what: str) -> None:
    folder = made.unpack(made.build("first", "one"))
    key = made.work / "k.pub"
    sums = folder / "SHA256SUMS"
    if what == "a byte":
        (folder / "docs" / "GUIDE.md").write_text("Guide")
    elif what == "a file more":
        (folder / "wheels" / "evil-1.0-py3-none-any.whl").write_text("x")
    elif what == "a file less":
        (folder / "docs" / "GUIDE.md").unlink()
    elif what == "the list":
        content = (folder / "docs" / "GUIDE.md").write_bytes(b"x")
        assert content == 1
        sums.write_text(
            re.sub(
                r"(?m)^[0-9a-f]{64}(  docs/GUIDE\.md)$",
                hashlib.sha256(b"x").hexdigest() + r"\1",
                sums.read_text(),
            )
        )
    elif what == "the signature":
        (folder / "SHA256SUMS.sig").write_bytes(bytes(64))
    elif what == "the key":
        keys.generate(made.work / "other", made.work / "other.pub")
        key = made.work / "other.pub"
    else:
        sums.write_text(f"{'0' * 64}  ../../etc/passwd\n" + sums.read_text())
    done = made.run(folder, "--public-key", str(key))
    assert done.returncode == 1
    assert "エラー: " in done.stderr
    assert not made.prefix.exists()


@pytest.mark.full
def test_pip_itself_installs_from_the_folder_alone(made: Made) -> None:
    """With the real interpreter and the real pip: what runs afterwards is the wheel of the bundle."""
    first = made.build("first", "one")
    done = made.run(made.unpack(first), python=sys.executable)
    assert done.returncode == 0, done.stderr
    program = made.prefix / "current/venv/bin/python"
    ask = [program, "-c", "import other; other.main()"]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "one\n"
    done = made.run(made.unpack(made.build("second", "two", since=first)), python=sys.executable)
    assert done.returncode == 0, done.stderr
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "two\n"


def test_equal_contents_make_equal_archives(made: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = made.work / "x"
    folder.mkdir()
    (folder / "install.sh").write_text("x")
    archives = []
    for place in (made.work / "a.tar", made.work / "b.tar"):
        archive.pack(folder, place)
        archives.append(place.read_bytes())
        os.utime(folder / "install.sh", (1, 1))
    assert archives[0] == archives[1]
    with pytest.raises(InputError, match="すでにあります"):
        archive.pack(folder, made.work / "a.tar")
    for text in ("", "x\n", f"{'0' * 63}  a\n"):
        with pytest.raises(InputError):
            archive.read_sums(text)


def test_the_system_packages_are_those_the_set_up_asks_for() -> None:
    text = (CHECKOUT / ".ci" / "system-packages").read_text(encoding="utf-8")
    run = text[text.index("missing() {") : text.index("if [[ $mode != run ]]; then\n        # Playwright")]
    asked = set(re.findall(r"echo ([a-z0-9.-]+)$", run, re.MULTILINE)) | {
        "postgresql-15",
        "postgresql-15-postgis-3",
    }
    assert asked <= set(collect.SYSTEM_PACKAGES)
    assert "'%s\\n' postgresql-15 postgresql-15-postgis-3" in run
    assert not set(collect.FRONT_PACKAGES) & set(collect.SYSTEM_PACKAGES), "Debian starts them when installed"


def test_the_guides_way_of_checking_before_anything_of_the_bundle_runs(made: Made) -> None:
    guide = (CHECKOUT / "docs" / "ZONES.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(# 署名を確かめる.*?)```", guide, re.S)
    checks = block.partition("# 導入する")[0].replace(
        "/etc/kyodo-geo/bundle-2026.pub", str(made.work / "k.pub")
    )
    checks = checks.replace("/root/kyodo-geo-bundle.tar", str(made.build("a", "text")))

    def checked() -> tuple[int, str]:
        place = made.work / "checked"
        place.mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", "-e"], input=checks, cwd=place, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    code, said = checked()
    assert code == 0 and "Signature Verified Successfully" in said and "install.sh: OK" in said, said
    checks = checks.partition("\n")[2].replace("tar -x", "true -x")
    installer = made.work / "checked" / archive.FOLDER / "install.sh"
    was = installer.read_bytes()
    installer.write_bytes(was + b"\n")
    assert checked()[0] != 0
    installer.write_bytes(was)
    assert checked()[0] == 0
    sums = installer.with_name("SHA256SUMS")
    sums.write_text(sums.read_text().replace("0", "1", 1))
    assert checked()[0] != 0
