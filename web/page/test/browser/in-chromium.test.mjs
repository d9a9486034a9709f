// In Chromium, with a wallet that the test itself is.

import { everywhere } from './everywhere.mjs';

everywhere('chromium');
