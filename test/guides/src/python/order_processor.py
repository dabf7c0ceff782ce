"""G12: one transaction over three topics. Given `fails`, it raises an exception before the commit; given `dies`, it kills itself there with SIGKILL."""
import json
import os
import signal
import sys

from kafka import KafkaProducer

ends = sys.argv[1] if len(sys.argv) > 1 else 'commits'

producer = KafkaProducer(
    bootstrap_servers=['localhost:9092'],
    transactional_id='order-processor-1',
    enable_idempotence=True,
    value_serializer=lambda value: json.dumps(value).encode('utf-8'),
)
producer.init_transactions()

try:
    producer.begin_transaction()
    producer.send('orders', {'order_id': 123, 'ends': ends})
    producer.send('inventory', {'order_id': 123, 'ends': ends})
    producer.send('notifications', {'order_id': 123, 'ends': ends})
    producer.flush()
    print('sent')
    if ends == 'fails':
        raise RuntimeError('out of stock')
    if ends == 'dies':
        os.kill(os.getpid(), signal.SIGKILL)
    producer.commit_transaction()
    print('committed')
except Exception as error:
    producer.abort_transaction()
    print(f'aborted: {error}')
producer.close()
