"""The usual stack: FastAPI, Beanie, aiokafka, each as its documentation has it; every insert and every send is awaited.

An event is lost where the process dies between the two: that promise is not made here.
"""
