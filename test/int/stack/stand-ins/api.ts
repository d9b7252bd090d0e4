import { standIn } from './ready.ts';

standIn(['DATABASE_URL', 'TEMPORAL_ADDRESS', 'RETELL_API_KEY', 'API_PORT']);
