"""How a film's pictures become packets: encoders in software, and those of the machine's video hardware.

Drivers crash, hang and write rubbish. So hardware encodes in a process of its own (`service`), which is sent bare
pictures and decodes nothing; what it wrote is decoded again and compared (`checking`), and a film that fails is made
again in software.
"""
