"""Runs the guide's program unchanged, with the broker and the registry of the arguments instead of its localhost."""
import runpy
import sys

import confluent_kafka.avro

bootstrap_servers, registry, program = sys.argv[1:4]
connect = confluent_kafka.avro.AvroProducer.__init__


def redirected(self, config, **options):
    connect(self, {**config, 'bootstrap.servers': bootstrap_servers, 'schema.registry.url': registry}, **options)


confluent_kafka.avro.AvroProducer.__init__ = redirected
runpy.run_path(program, run_name='__main__')
