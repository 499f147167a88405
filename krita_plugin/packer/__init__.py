"""Packing the plugin: `build` makes the zip that Krita's importer takes, `install` puts the plugin in place."""

from krita_plugin.packer.build import PLATFORMS, build, current_platform
from krita_plugin.packer.errors import PackError
from krita_plugin.packer.install import install, krita_folder, uninstall
from krita_plugin.packer.stage import stage

__all__ = ["PLATFORMS", "PackError", "build", "current_platform", "install", "krita_folder", "stage", "uninstall"]
