"""G12, the second example: one event each to topic1 and topic2."""
from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=['localhost:9092'], transactional_id='my-transactional-id', enable_idempotence=True)
producer.init_transactions()
producer.begin_transaction()
try:
    producer.send('topic1', b'event1')
    producer.send('topic2', b'event2')
    producer.commit_transaction()
    print('committed')
except Exception:
    producer.abort_transaction()
    raise
producer.close()
