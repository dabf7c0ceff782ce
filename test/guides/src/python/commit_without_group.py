"""T14: the guide's sample of a manual commit names no group."""
from kafka import KafkaConsumer

consumer = KafkaConsumer('user-events', bootstrap_servers=['localhost:9092'], enable_auto_commit=False)
consumer.commit()
