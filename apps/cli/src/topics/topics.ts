import type { CommandGroup } from '../command/command.ts';
import { createTopic, deleteRecords, deleteTopic, topicConfigs } from './change-topics.ts';
import { describeTopic, listTopics } from './look-at-topics.ts';

export const topics: CommandGroup = {
  name: 'topics',
  summary: 'looks at topics, creates, configures and deletes them',
  commands: [listTopics, describeTopic, createTopic, topicConfigs, deleteRecords, deleteTopic],
};
