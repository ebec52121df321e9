#pragma once
#include "links/link.hpp"
#include "links/net/rest.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::chat
{

// The parts of a webhook's URL that say whether it is one.
struct webhook_url
{
    std::string origin;                        // "https://discord.com", with its port
    std::string host;                          // lower case, without port
    std::vector<std::string> segments;         // of the path, as they are written; a slash at the end goes
    std::map<std::string, std::string> query;  // names as they are written
    std::vector<std::string> secrets;          // what no message may repeat, the longest first
    bool is_loopback = false;                  // of this machine, for tests: any host will do

    // Whether the path ends in these segments; "*" is any one that is not empty.
    bool ends_in(std::span<std::string_view const> pattern) const;
    // Whether the host is this one or below it.
    bool is_at(std::string_view domain) const;
};

// The field webhook_url, read. Words of `shape` ("*" is none) are no secrets. errc::invalid without repeating
// it.
result<webhook_url> read_webhook_url(link_fields const& fields, std::span<std::string_view const> shape);

// How a template reads its own webhook_url.
using webhook_url_reader = result<webhook_url> (*)(link_fields const& fields);

// Judges the webhook_url that is given; errc::invalid as `read`.
result<> check_webhook_url(link_fields const& fields, webhook_url_reader read);

// A request to this URL, or to one made of its parts.
http_request request_to(webhook_url const& of, std::string method, std::string target);

}  // namespace linkspan::chat
