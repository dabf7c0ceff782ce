export { installKafkaPython, kafkaPythonVersion } from './install-kafka-python.ts';
export { runPython, type PythonOptions } from './run-python.ts';
