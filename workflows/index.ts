// Every export is a registered workflow type: nothing else may be exported here.
export { batch } from './batch/workflow.ts';
export { contact } from './contact/workflow.ts';
export { importFile as import } from './import/workflow.ts';
export { rehearsal } from './rehearsal/workflow.ts';
