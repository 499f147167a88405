"""Whether this machine has a card for which PyTorch has builds of its own. Which of them suits it, uv finds out."""

from __future__ import annotations

import re
import sys
from pathlib import Path

VENDORS = {"10de": "NVIDIA", "1002": "AMD", "8086": "Intel"}
DRM = Path("/sys/class/drm")
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")  # also where the card shows no picture, as in a container
WINDOWS_DISPLAYS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"


def vendors(platform: str = sys.platform) -> frozenset[str]:
    """Who made this machine's cards, of NVIDIA, AMD and Intel. On macOS none: one build serves its CPU and its GPU."""
    if platform == "darwin":
        return frozenset()
    return vendors_in(_windows_ids()) if platform == "win32" else linux_vendors(DRM, NVIDIA_DRIVER)


def linux_vendors(drm: Path, nvidia_driver: Path) -> frozenset[str]:
    """The makers by the kernel's list of cards."""
    ids = []
    for path in sorted(drm.glob("card*/device/vendor")):
        try:
            ids.append("ven_" + path.read_text(encoding="ascii").strip().removeprefix("0x"))
        except (OSError, UnicodeDecodeError):
            continue
    return vendors_in(ids) | ({"NVIDIA"} if nvidia_driver.exists() else frozenset())


def vendors_in(device_ids: list[str]) -> frozenset[str]:
    r"""The makers in device names such as ``PCI\VEN_10DE&DEV_2684``."""
    found = (match.lower() for text in device_ids for match in re.findall(r"ven_([0-9a-f]{4})", text, re.IGNORECASE))
    return frozenset(VENDORS[vendor] for vendor in found if vendor in VENDORS)


def _windows_ids() -> list[str]:
    if sys.platform != "win32":
        return []
    import winreg

    found = []
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, WINDOWS_DISPLAYS) as displays:
        for number in range(winreg.QueryInfoKey(displays)[0]):
            try:
                with winreg.OpenKey(displays, winreg.EnumKey(displays, number)) as display:
                    found.append(str(winreg.QueryValueEx(display, "MatchingDeviceId")[0]))
            except OSError:
                continue
    return found
