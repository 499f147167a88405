"""A hand that is quicker than the network: start and cancel at once, and a double click."""

from inside import RESULT, K, controller, docker, document, finish, pump, wait
from undo_painting.core.connection import ConnectionState

document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.state is ConnectionState.CONNECTED, "the connection")
session = plugin.active()
words = []
for pause in (0, 0, 0, 0.005, 0.01, 0.02, 0.04):
    K.action("undo_painting").trigger()
    job = session.job
    if pause:
        pump(pause)
    plugin.running.cancel(session, job)
    wait(lambda job=job: job.state.ended, "the end of the cancelled job")
    pump(0.5)
    words.append([job.state.value, docker().big.text().replace("&", ""), docker().bar.isVisible()])
RESULT["cancelled"] = words
before = set(session.jobs)
docker().big.click()
docker().big.click()
K.action("undo_painting").trigger()
pump(0.15)
docker().big.click()
wait(lambda: session.job.state.ended, "the end of the one job")
RESULT["after a double click"] = [session.job.state.value, len(set(session.jobs) - before)]
finish(listed=len(session.history.entries))
