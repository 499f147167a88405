"""Workers: the processes that hold engines, decode pictures and write exports."""
