#include "links/s3/s3.hpp"

#include "links/net/rest.hpp"
#include "links/s3/signature.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <array>

namespace linkspan::s3
{
namespace
{

constexpr std::array fields = {
    optional_setting(
        "endpoint", "URL of the store, for example https://minio.example.com:9000; empty: AWS in the region"
    ),
    optional_setting("region", "region of the bucket (MinIO and most others: us-east-1)", "us-east-1"),
    required_setting("bucket", "name of the bucket"),
    required_setting("access_key_id", "the access key's id (AKIA...)"),
    link_field{.name = "secret_access_key", .help = "the access key's secret"},
    link_field{
        .name = "session_token", .help = "of temporary credentials alone (ASIA...)", .is_required = false},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html"};

constexpr std::array<feature_scopes, 2> needs = {
    feature_scopes{"see that the bucket is there", "s3:ListBucket"},
    feature_scopes{"write exports", "s3:PutObject"},
};

bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_region(std::string_view name)
{
    return !name.empty() && name.size() <= 64 &&
           std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

// docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; older buckets have longer names.
bool is_bucket(std::string_view name)
{
    return name.size() >= 3 && name.size() <= 63 && is_lower_or_digit(name.front()) &&
           is_lower_or_digit(name.back()) &&
           std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
}

result<std::string> endpoint_of(link_fields const& given)
{
    auto const own = value_of(given, fields, "endpoint");
    if (!own.empty())
        return checked_base_url("endpoint", own);
    return "https://s3." + std::string(value_of(given, fields, "region")) + ".amazonaws.com/";
}

result<> check(link_fields const& given)
{
    if (!is_region(value_of(given, fields, "region")))
        return error(errc::invalid, "region must be the name of a region, as in eu-central-1");
    if (auto const bucket = value_of(given, fields, "bucket"); !bucket.empty() && !is_bucket(bucket))
        return error(
            errc::invalid, "bucket must be the name of a bucket: 3 to 63 lower-case letters, digits, - and ."
        );
    if (auto const endpoint = endpoint_of(given); !endpoint)
        return endpoint.error();
    auto const id = value_of(given, fields, "access_key_id");
    if (auto const fit = check_token("access_key_id", id); !fit)
        return fit;
    if (id.find_first_of("/,=") != id.npos)
        return error(errc::invalid, "access_key_id must be the key's id, as in AKIAIOSFODNN7EXAMPLE");
    if (auto const fit = check_token("secret_access_key", value_of(given, fields, "secret_access_key")); !fit)
        return fit;
    auto const session = value_of(given, fields, "session_token");
    if (session.empty() && id.starts_with("ASIA"))
        return error(errc::invalid, "session_token is missing: a key that begins with ASIA is temporary");
    return session.empty() ? result<>() : check_token("session_token", session);
}

// "SignatureDoesNotMatch" of <Error><Code>..., letters alone.
std::string code_of(std::string_view xml)
{
    constexpr std::string_view open = "<Code>";
    auto const begin = xml.find(open);
    if (begin == xml.npos)
        return {};
    auto rest = xml.substr(begin + open.size());
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    auto const end = std::ranges::find_if_not(rest, is_letter);
    return std::string(rest.begin(), end).substr(0, 64);
}

// What a person can do about one of S3's codes; empty where the code says it all.
std::string advice_for(std::string_view code, http_response const& answer)
{
    if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed")
    {
        auto const region = find_header(answer.headers, "x-amz-bucket-region");
        return is_region(region) ? ": the bucket is in the region " + std::string(region)
                                 : ": check region and endpoint";
    }
    if (code == "RequestTimeTooSkewed")
        return ": the clock of this machine is off";
    if (code == "AccessDenied")
        return ": the key needs s3:ListBucket on the bucket";
    return {};
}

error refusal(http_request const& asked, exchange ended)
{
    bool const is_answered = ended.fate == exchange_fate::answered;
    auto const answer = ended.response;
    auto const code = is_answered ? code_of(answer.body) : std::string();
    auto const general = read_rest(asked, std::move(ended));
    if (general)
        return {errc::not_found, "an answer that is none of S3's: check endpoint"};
    if (code.empty())
        return general.error();
    return {general.error().code, general.error().message + ": " + code + advice_for(code, answer)};
}

s3_request list_request(std::string_view endpoint, std::string_view bucket)
{
    auto const url = *boost::urls::parse_uri(endpoint);
    s3_request request;
    request.host = url.encoded_host_and_port();
    // Path style: any store that is not AWS's own takes it, and needs no name for each bucket. The endpoint
    // ends with a slash.
    request.path = std::string(url.encoded_path()) + std::string(bucket);
    request.query = {{"list-type", "2"}, {"max-keys", "0"}};
    return request;
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    if (auto const fit = check(given); !fit)
        co_return fit.error();
    auto const endpoint = endpoint_of(given);
    auto const bucket = std::string(value_of(given, fields, "bucket"));
    access_key key;
    key.id = value_of(given, fields, "access_key_id");
    key.key = secret(std::string(value_of(given, fields, "secret_access_key")));
    key.session_token = secret(std::string(value_of(given, fields, "session_token")));
    key.region = value_of(given, fields, "region");
    auto const list = list_request(*endpoint, bucket);
    http_request request("GET", *endpoint + bucket + "?" + query_of(list));
    request.headers = sign(list, key, services.now());
    auto const asked = request;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = rest_answer_bytes_max;
    options.idempotent = true;
    auto ended = co_await services.http.send(std::move(request), options);
    bool const is_list = ended.fate == exchange_fate::answered && ended.response.status == 200 &&
                         ended.response.body.find("<ListBucketResult") != std::string::npos;
    if (!is_list)
        co_return refusal(asked, std::move(ended));
    link_identity who;
    who.account = key.id + " at " + bucket;
    who.credential = key.session_token.empty() ? "access key" : "temporary access key";
    who.service_time = date_of(ended.response);
    who.facts["bucket"] = bucket;
    who.facts["endpoint"] = *endpoint;
    who.facts["region"] = key.region;
    co_return who;
}

}  // namespace

constinit link_template const bucket = {
    .name = "s3",
    .title = "S3 bucket",
    .purpose = "Keeps the access key of a bucket at AWS S3, MinIO or another store that speaks S3.",
    .steps =
        "1. Make a bucket for Linkspan alone, without public access.\n"
        "2. AWS: IAM > Users > Create user linkspan; attach a policy that allows s3:ListBucket on the "
        "bucket\n"
        "   and s3:PutObject on its objects; Security credentials > Create access key.\n"
        "   MinIO: Identity > Users > linkspan > Service Accounts > Create.\n"
        "3. The key's id and secret are this link's access_key_id and secret_access_key; endpoint is empty\n"
        "   for AWS, else the store's URL.\n",
    .fields = fields,
    .check = check,
    .identify = identify,
    .needs = needs,
    .pages = pages,
    .revoke_page = "https://console.aws.amazon.com/iam/home#/users",
};

}  // namespace linkspan::s3
