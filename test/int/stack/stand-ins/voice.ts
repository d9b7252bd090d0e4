import { standIn } from './ready.ts';

standIn(['FAKE_RETELL_PORT', 'FAKE_RETELL_API_KEY', 'FAKE_RETELL_WEBHOOK_URL', 'FAKE_RETELL_STATE_FILE']);
