#pragma once
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <map>
#include <string>
#include <string_view>

namespace linkspan::s3
{

// AWS Signature Version 4 for S3, in the Authorization header
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). By hand, since libcurl 7.88 signs
// neither x-amz-content-sha256 nor a sorted query.

struct access_key
{
    std::string id;
    secret key;
    secret session_token;  // of temporary credentials; empty: there is none
    std::string region;

    access_key() = default;
};

struct s3_request
{
    std::string method = "GET";
    std::string host;                            // with its port, unless that is the scheme's own
    std::string path = "/";                      // as it is sent: each segment encoded
    std::map<std::string, std::string> query;    // encoded as they are sent; sorted by name
    std::map<std::string, std::string> headers;  // more of them to sign: lower-case names, values trimmed
    std::string body;

    s3_request() = default;
};

// "max-keys=0&prefix=J", in the order in which it is signed.
std::string query_of(s3_request const& request);

// The headers to send besides Host: Authorization, x-amz-content-sha256, x-amz-date, those of the request,
// and x-amz-security-token where there is one.
std::vector<http_header> sign(s3_request const& request, access_key const& with, time_point now);

}  // namespace linkspan::s3
