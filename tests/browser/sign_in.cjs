// A person at a browser: opens a URL, grants access on the consent page, and ends somewhere.
//   node sign_in.cjs URL TLS_PORT KEY_PIN
// Prints {"address": ..., "text": ..., "problems": [...]}. bitbucket.org is the simulator's TLS port, whose key
// is pinned: real TLS, no certificate is waved through. LINKSPAN_PLAYWRIGHT and LINKSPAN_CHROMIUM say where
// playwright-core and the browser are.
const { chromium } = require(process.env.LINKSPAN_PLAYWRIGHT);

async function signIn(url, tlsPort, keyPin) {
  const browser = await chromium.launch({
    executablePath: process.env.LINKSPAN_CHROMIUM,
    args: [
      `--host-resolver-rules=MAP bitbucket.org:443 127.0.0.1:${tlsPort}`,
      `--ignore-certificate-errors-spki-list=${keyPin}`,
      '--disable-dev-shm-usage',
    ],
  });
  try {
    const page = await browser.newPage();
    const problems = [];
    let address = '';
    page.on('pageerror', (fault) => problems.push(String(fault)));
    page.on('console', (line) => {
      if (line.type() === 'error') problems.push(line.text());
    });
    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) address = request.url();
    });
    await page.goto(url);
    const consented = page.waitForRequest((request) => request.url().includes('/callback?'));
    await page.getByRole('button', { name: 'Grant access' }).click();
    await consented;
    // Where nobody listens there is no page; the address line shows where it would be.
    await page.waitForLoadState('load').catch(() => {});
    const text = await page.locator('body').innerText().catch(() => '');
    return { address, text, problems };
  } finally {
    await browser.close();
  }
}

signIn(...process.argv.slice(2)).then(
  (seen) => console.log(JSON.stringify(seen)),
  (fault) => {
    console.error(String(fault));
    process.exit(1);
  },
);
