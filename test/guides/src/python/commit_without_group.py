"""T14: the guide's example of a manual commit, which names no group."""
from kafka import KafkaConsumer

consumer = KafkaConsumer('user-events', bootstrap_servers=['localhost:9092'], enable_auto_commit=False)
consumer.commit()
