#include "links/s3/signature.hpp"

#include "links/net/hmac.hpp"
#include "links/net/sha256.hpp"

#include <utility>

namespace linkspan::s3
{
namespace
{

// "20130524T000000Z"
std::string basic_time(time_point now)
{
    std::string out;
    for (char const c : to_rfc3339(now).substr(0, 19))
        if (c != '-' && c != ':')
            out += c;
    return out + "Z";
}

secret chained(secret const& key, std::string_view text)
{
    auto const digest = hmac_sha256(key, text);
    return secret(std::string(digest.begin(), digest.end()));
}

// Canonical headers, each with its line end, and their names.
std::pair<std::string, std::string> canonical(std::map<std::string, std::string> const& headers)
{
    std::pair<std::string, std::string> out;
    for (auto const& [name, value] : headers)
    {
        out.first += name + ":" + value + "\n";
        out.second += (out.second.empty() ? "" : ";") + name;
    }
    return out;
}

}  // namespace

std::string query_of(s3_request const& request)
{
    std::string out;
    for (auto const& [name, value] : request.query)
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
    return out;
}

std::vector<http_header> sign(s3_request const& request, access_key const& with, time_point now)
{
    auto const time = basic_time(now);
    auto const body_hash = to_hex(sha256(request.body));
    auto headers = request.headers;
    headers["x-amz-content-sha256"] = body_hash;
    headers["x-amz-date"] = time;
    if (!with.session_token.empty())
        headers["x-amz-security-token"] = with.session_token.reveal();
    std::vector<http_header> out;
    for (auto const& [name, value] : headers)
        out.push_back({name, value});
    headers["host"] = request.host;

    auto const [lines, names] = canonical(headers);
    auto const scope = time.substr(0, 8) + "/" + with.region + "/s3/aws4_request";
    auto const asked = request.method + "\n" + request.path + "\n" + query_of(request) + "\n" + lines + "\n" +
                       names + "\n" + body_hash;
    auto const to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(sha256(asked));

    secret const first("AWS4" + std::string(with.key.reveal()));
    auto const of_day = chained(first, std::string_view(time).substr(0, 8));
    auto const of_region = chained(of_day, with.region);
    auto const of_service = chained(of_region, "s3");
    auto const key = chained(of_service, "aws4_request");
    out.push_back(
        {"Authorization",
         "AWS4-HMAC-SHA256 Credential=" + with.id + "/" + scope + ", SignedHeaders=" + names +
             ", Signature=" + to_hex(hmac_sha256(key, to_sign))}
    );
    return out;
}

}  // namespace linkspan::s3
