import { startKafkaCluster } from '@millrace/testing/kafka';
import { ClusterView } from './cluster-view.ts';
import { acksScenarios, measureAcks } from './acks-table.ts';
let t=performance.now();
const cluster = await startKafkaCluster();
console.log('cluster', performance.now()-t, cluster.bootstrapServers, cluster.folder);
try {
const view = new ClusterView(cluster.bootstrapServers);
for (const s of acksScenarios) { t=performance.now(); console.log(await measureAcks(cluster, view, s), performance.now()-t); }
} finally { if (!process.env.KEEP) await cluster.stop(); }
