export { installKafkaPython, kafkaPythonVersion } from './install-kafka-python.ts';
export { runPython, startPython, type PythonProgram } from './run-python.ts';
