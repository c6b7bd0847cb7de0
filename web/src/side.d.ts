/**
 * Whether this is the console's script. web/internal/bundle fills it in, so that what only a device ever does is not in
 * the page that visitors load.
 */
declare const DEVICE: boolean;
