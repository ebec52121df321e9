#pragma once
#include "tests/support/tls_proxy.hpp"

#include <string>
#include <vector>

namespace linkspan::test
{

// Where a browser has ended.
struct seen_page
{
    std::string address;
    std::string text;                   // of the page, as a person reads it
    std::vector<std::string> problems;  // what the browser complained of
};

// Whether there is a browser for tests: LINKSPAN_CHROMIUM and LINKSPAN_PLAYWRIGHT name it (./dev test
// --browser).
bool has_chromium();

// Headless Chromium opens the URL and grants access on the consent page of https://bitbucket.org, which is
// the proxy's. Throws where it cannot.
seen_page grant_in_chromium(std::string const& url, tls_proxy const& proxy);

}  // namespace linkspan::test
