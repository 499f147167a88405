"""The docker's button downloads the models through the daemon; cancelled half way and taken up again."""

from inside import RESULT, controller, docker, document, finish, pump, wait

doc = document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.setup.models, "the list of models")
pump(0.3)
panel, setup = docker().setup, plugin.setup
docker().expert_fold.set_open(True)
docker().expert.setup_fold.set_open(True)
RESULT["before"] = [panel._models.text(), panel._list.text()]
panel._models.click()
wait(lambda: "wd14_tagger" in setup.text and setup.done > 1, "the tagger's first half")
pump(0.2)
RESULT["running"] = [panel._words.text(), panel._cancel.isVisible(), panel._bar.isVisible()]
panel._cancel.click()
wait(lambda: not setup.running, "the end of the cancelled download")
RESULT["cancelled"] = setup.text
wait(lambda: any(model.size for model in setup.models if not model.ready), "what is left to do")
pump(0.2)
panel._models.click()
wait(lambda: not setup.running, "the end of the download")
wait(lambda: all(model.ready for model in setup.models), "the models")
finish(after=setup.text, bad=setup.bad)
