#pragma once
#include "links/net/http.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// A browser as far as a sign-in needs one, over real HTTP: it follows redirects, keeps cookies as a browser
// does (by host, whatever the port), and fills in the form of a page. What it cannot reach it shows as status
// 0.
class user_agent
{
public:
    // Goes to an address and on to where it leads.
    http_response const& open(std::string const& url);

    // Submits the first form of the page, with its hidden fields and the button of this value ("allow").
    http_response const& press(std::string_view button);

    // The redirect that leads there is not followed: "http://localhost:14470/callback" for somebody who has
    // no way back. The address is shown all the same.
    void cannot_reach(std::string prefix) { unreachable_ = std::move(prefix); }

    std::string const& address() const { return address_; }  // as the address line shows it
    http_response const& page() const { return page_; }
    std::vector<std::string> const& history() const { return history_; }  // every address that was asked for

    // By host and name; without attributes.
    std::map<std::string, std::map<std::string, std::string>> cookies;
    // As they were set, whole.
    std::vector<std::string> const& set_cookies() const { return set_cookies_; }

private:
    void go(http_request request);
    bool step(http_request& request);
    void keep_cookies(std::string const& host);

    std::string unreachable_;
    std::string address_;
    http_response page_;
    std::vector<std::string> history_;
    std::vector<std::string> set_cookies_;
};

// "a%20b" for "a b".
std::string percent_encoded(std::string_view text);

// The decoded value of a query parameter; empty where it is missing.
std::string query_value(std::string const& url, std::string_view name);

}  // namespace linkspan::test
