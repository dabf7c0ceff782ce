import { render } from 'preact';
import { keepTheme } from '../../../console/src/kit/theme.tsx';
import { DashboardPage, followMinutes } from './dashboard-page.tsx';

keepTheme();
followMinutes('/page-views/live');
const place = document.getElementById('page');
if (place !== null) render(<DashboardPage />, place);
