"""Runs one of the guides' programs unchanged, with the broker in the first argument instead of their localhost:9092."""
import functools
import runpy
import sys

import kafka

bootstrap_servers, program = sys.argv[1:3]
sys.argv = sys.argv[2:]


def redirected(client):
    @functools.wraps(client, updated=())
    def connect(*topics, **settings):
        return client(*topics, **{**settings, 'bootstrap_servers': bootstrap_servers})

    return connect


kafka.KafkaProducer = redirected(kafka.KafkaProducer)
kafka.KafkaConsumer = redirected(kafka.KafkaConsumer)
runpy.run_path(program, run_name='__main__')
