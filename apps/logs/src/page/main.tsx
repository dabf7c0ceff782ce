import { render } from 'preact';
import { followLinks } from '../../../console/src/kit/router.ts';
import { keepTheme } from '../../../console/src/kit/theme.tsx';
import { LogsPage } from './logs-page.tsx';

keepTheme();
followLinks();
const place = document.getElementById('page');
if (place !== null) render(<LogsPage />, place);
