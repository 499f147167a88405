"""From nothing: Set up in the docker installs the daemon; then a job runs."""

from inside import RESULT, controller, docker, document, finish, pump, run_job, wait

doc = document()
plugin = controller()
pump(1.0)
widget = docker()
RESULT["before"] = [widget.status.text(), widget.big.text()]
steps = []
plugin.listen(lambda: steps.append(plugin.setup.text) if plugin.setup.text not in steps else None)
widget.big.click()
wait(lambda: plugin.setup.running, "the beginning of the set up")
wait(lambda: not plugin.setup.running, "the end of the set up", 900)
RESULT["steps"] = [text for text in steps if text]
RESULT["bad"] = plugin.setup.bad
wait(lambda: plugin.status.connected, "the connection")
RESULT["program"] = list(plugin.target().program.command)
job = run_job()
finish(state=job.state.value, frames=len(job.frames), installed=plugin.setup.installed, engine=job.engine)
