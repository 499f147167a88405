"""What the service managers of the systems need to run the daemon: texts alone, nothing is installed here."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePath
from xml.sax.saxutils import escape

LABEL = "org.paints-undo.daemon"
TASK = "Paints-Undo"
SYSTEM_USER = "paints-undo"
SYSTEM_HOME = "/var/lib/paints-undo"
_STOP_SECONDS = 30


class Manager(StrEnum):
    """Who starts the daemon and keeps it running."""

    SYSTEMD_USER = "systemd-user"
    SYSTEMD_SYSTEM = "systemd-system"
    LAUNCHD = "launchd"
    WINDOWS = "windows"


def file_for(manager: Manager, command: Sequence[str], home: PurePath) -> str:
    """The unit, agent or task that runs `command` with its data in `home`; the system unit has `SYSTEM_HOME`."""
    match manager:
        case Manager.SYSTEMD_USER:
            return _user_unit(command, home)
        case Manager.SYSTEMD_SYSTEM:
            return _system_unit(command)
        case Manager.LAUNCHD:
            return _agent(command, home)
        case Manager.WINDOWS:
            return _task(command)


def _user_unit(command: Sequence[str], home: PurePath) -> str:
    return f"""\
[Unit]
Description=Paints-Undo daemon

[Service]
ExecStart={_words(command)}
Environment={_quoted(f"PAINTS_UNDO_HOME={home}")}
Restart=on-failure
RestartSec=5
TimeoutStopSec={_STOP_SECONDS}
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def _system_unit(command: Sequence[str]) -> str:
    """Hardened as far as the work allows: devices stay visible for the GPU, and memory may become code for PyTorch.

    The workers confine themselves further, for which they need seccomp and Landlock.
    """
    return f"""\
[Unit]
Description=Paints-Undo daemon
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={_words(command)}
User={SYSTEM_USER}
Group={SYSTEM_USER}
Environment=PAINTS_UNDO_HOME={SYSTEM_HOME}
StateDirectory=paints-undo
StateDirectoryMode=0700
UMask=0077
Restart=on-failure
RestartSec=5
TimeoutStopSec={_STOP_SECONDS}
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def _agent(command: Sequence[str], home: PurePath) -> str:
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "EnvironmentVariables": {"PAINTS_UNDO_HOME": str(home)},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ProcessType": "Interactive",
        "StandardErrorPath": str(home / "daemon.log"),
    }
    return plistlib.dumps(agent).decode()


def _task(command: Sequence[str]) -> str:
    program, arguments = command[0], " ".join(_windows_word(word) for word in command[1:])
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Paints-Undo daemon</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author"><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>10</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{escape(program)}</Command><Arguments>{escape(arguments)}</Arguments></Exec>
  </Actions>
</Task>
"""


def _words(command: Sequence[str]) -> str:
    return " ".join(_quoted(word.replace("$", "$$")) for word in command)


def _quoted(word: str) -> str:
    """A word of a unit file, in which systemd reads backslashes, quotes and `%`."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if text != word or " " in word else word


def _windows_word(word: str) -> str:
    return f'"{word}"' if " " in word else word
