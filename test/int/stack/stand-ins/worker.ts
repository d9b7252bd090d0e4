import { standIn } from './ready.ts';

standIn(['DATABASE_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'RETELL_API_KEY', 'RETELL_BASE_URL']);
