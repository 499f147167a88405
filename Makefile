# make demo [PICTURE=my.png] [OUT=folder]   a painting in, its process out
# make test                                  every test whose tools are present
# make sheets                                the contact sheets of the documentation
# make lint                                  formatter, linter, type checker, generated code
# make docs                                  the documents as a site, in site/; broken links and anchors are errors
# make lowest                                the tests with the oldest dependencies that are allowed
# make release                               everything that is published, from a tagged commit, in dist/
# make gimp-plugin [OUT=folder]              the zip for GIMP 3
# make sbom [OUT=folder]                     the bill of materials, and what is known of its packages
# make parameters | proto | client | lock | plugin   make generated things again
PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
PICTURE ?= assets/illustration.png
OUT ?= out
DEMO = PAINTS_UNDO_HOME="$(CURDIR)/.paints-undo" $(VENV_PYTHON) -m paints_undo_daemon

.PHONY: demo sheets test lint docs parameters proto client lock plugin gimp-plugin setup-demo setup-build setup-test release sbom lowest

setup-demo:
	@$(PYTHON) tools/bootstrap.py

setup-build:
	@$(PYTHON) tools/bootstrap.py --group build

setup-test:
	@$(PYTHON) tools/bootstrap.py --extra diffusion --extra web --extra ray --extra provenance --group dev

demo: setup-demo
	@mkdir -p "$(OUT)"
	@$(DEMO) models download figures --in-process || echo "It works without."
	@$(DEMO) undo "$(PICTURE)" --force --layers split -o "$(OUT)/process.mp4" -o "$(OUT)/frames" \
		-o "$(OUT)/contact-sheet.png" -o "$(OUT)/layers.ora"; code=$$?; $(DEMO) stop > /dev/null; exit $$code

sheets: setup-demo
	@$(VENV_PYTHON) tools/draw_sheets.py

test: setup-test
	@$(VENV_PYTHON) tools/run_tests.py

lowest: setup-test
	@$(VENV_PYTHON) tools/run_lowest.py

lint: setup-test
	@$(VENV_PYTHON) tools/run_lint.py

docs: setup-test
	@NO_MKDOCS_2_WARNING=1 $(VENV_PYTHON) -m mkdocs build --quiet && echo "Open site/index.html."

parameters: setup-test
	@$(VENV_PYTHON) tools/generate_parameters.py && $(VENV_PYTHON) tools/generate_cli_docs.py

proto: setup-test
	@$(VENV_PYTHON) tools/generate_proto.py

client: setup-test
	@$(VENV_PYTHON) tools/generate_client.py

lock: setup-test
	@$(VENV_PYTHON) tools/lock.py write

plugin: setup-build
	@$(VENV_PYTHON) -m paints_undo_daemon plugin build

release: setup-test
	@$(VENV_PYTHON) tools/release.py

gimp-plugin: setup-build
	@$(VENV_PYTHON) -m gimp_plugin.packer "$(OUT)"

sbom: setup-test
	@mkdir -p "$(OUT)"
	@$(VENV_PYTHON) tools/sbom.py --extra diffusion -o "$(OUT)/sbom.json"
	@$(VENV_PYTHON) tools/sbom.py --extra diffusion --check
