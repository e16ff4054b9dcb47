#!/bin/bash
# Starts the broker with the same rules as a local city: every listener asks for a password, and what is not allowed is refused.
# KAFKA_ADMIN_PASSWORD is the administrator's; the administrator enters from inside this container's network alone.
set -euo pipefail

home=${KAFKA_HOME:-/opt/kafka}
data=${KAFKA_DATA:-/var/lib/kafka/data}
properties=${KAFKA_PROPERTIES:-/tmp/server.properties}
base=${JEJAK_PORT_BASE:-8400}
admin=$((base + 20)) controller=$((base + 21)) senders=$((base + 22))
own="org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"${KAFKA_ADMIN_PASSWORD:?}\" user_admin=\"${KAFKA_ADMIN_PASSWORD}\";"

umask 077
cat > "$properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=ADMIN://127.0.0.1:$admin,SASL://:$senders,CONTROLLER://127.0.0.1:$controller
advertised.listeners=ADMIN://127.0.0.1:$admin,SASL://${KAFKA_ADVERTISED_HOST:-kafka}:$senders
inter.broker.listener.name=ADMIN
controller.listener.names=CONTROLLER
listener.security.protocol.map=ADMIN:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,SASL:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.admin.sasl.enabled.mechanisms=PLAIN
listener.name.admin.plain.sasl.jaas.config=$own
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=$own
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin
log.dirs=$data/log
auto.create.topics.enable=false
num.partitions=1
num.network.threads=1
num.io.threads=2
log.retention.ms=-1
message.max.bytes=1048576
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
END

if [ ! -e "$data/log/meta.properties" ]; then
    "$home/bin/kafka-storage.sh" format --cluster-id "$("$home/bin/kafka-storage.sh" random-uuid)" --config "$properties"
fi
exec "$home/bin/kafka-server-start.sh" "$properties"
