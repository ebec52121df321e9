#include "links/s3/signature.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

// The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, with their key.
s3::access_key documented_key()
{
    s3::access_key key;
    key.id = "AKIAIOSFODNN7EXAMPLE";
    key.key = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    key.region = "us-east-1";
    return key;
}

std::string signature_of(s3::s3_request const& request)
{
    auto const headers = s3::sign(request, documented_key(), *parse_time("2013-05-24T00:00:00Z"));
    EXPECT_EQ(find_header(headers, "x-amz-date"), "20130524T000000Z");
    std::string const proof(find_header(headers, "Authorization"));
    EXPECT_TRUE(proof.starts_with(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
    )) << proof;
    auto const at = proof.find("Signature=");
    return at == proof.npos ? proof : proof.substr(at + 10);
}

TEST(s3_signature, is_that_of_the_documented_examples)
{
    s3::s3_request list;
    list.host = "examplebucket.s3.amazonaws.com";
    list.query = {{"prefix", "J"}, {"max-keys", "2"}};
    EXPECT_EQ(signature_of(list), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    EXPECT_EQ(s3::query_of(list), "max-keys=2&prefix=J");
    s3::s3_request lifecycle;
    lifecycle.host = "examplebucket.s3.amazonaws.com";
    lifecycle.query = {{"lifecycle", ""}};
    EXPECT_EQ(signature_of(lifecycle), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    s3::s3_request get;
    get.host = "examplebucket.s3.amazonaws.com";
    get.path = "/test.txt";
    get.headers = {{"range", "bytes=0-9"}};
    EXPECT_EQ(signature_of(get), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    s3::s3_request put;
    put.method = "PUT";
    put.host = "examplebucket.s3.amazonaws.com";
    put.path = "/test%24file.text";
    put.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    put.body = "Welcome to Amazon S3.";
    EXPECT_EQ(signature_of(put), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(s3_signature, has_the_token_of_temporary_credentials)
{
    auto key = documented_key();
    key.session_token = secret("canary-session");
    auto const headers = s3::sign(s3::s3_request(), key, test::template_test_now);
    EXPECT_EQ(find_header(headers, "x-amz-security-token"), "canary-session");
    EXPECT_NE(find_header(headers, "Authorization").find("x-amz-security-token"), std::string_view::npos);
}

// Signs again what the peer saw, as a store does.
bool is_signed_for_s3(http_request const& seen)
{
    s3::s3_request request;
    request.host = find_header(seen.headers, "Host");
    request.path = seen.target.substr(0, seen.target.find('?'));
    request.query = {{"list-type", "2"}, {"max-keys", "0"}};
    auto key = documented_key();
    key.region = "eu-central-1";
    auto const expected = s3::sign(request, key, test::template_test_now);
    for (auto const& header : expected)
        if (find_header(seen.headers, header.name) != header.value)
            return false;
    return true;
}

std::string xml(std::string const& code)
{
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>No.</Message></Error>";
}

template_case bucket_case()
{
    return {
        .name = "s3",
        .fields =
            {{"endpoint", "{peer}"},
             {"region", "eu-central-1"},
             {"bucket", "acme-archive"},
             {"access_key_id", "AKIAIOSFODNN7EXAMPLE"},
             {"secret_access_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}},
        .credential = "secret_access_key",
        .calls =
            {{.target = "/acme-archive?list-type=2&max-keys=0",
              .is_proven = is_signed_for_s3,
              .answer =
                  "<?xml version=\"1.0\"?><ListBucketResult><Name>acme-archive</Name></ListBucketResult>",
              .answer_headers = {{"Content-Type", "application/xml"}}}},
        .account = "AKIAIOSFODNN7EXAMPLE at acme-archive",
        .kind = "access key",
        .facts = {{"bucket", "acme-archive"}, {"endpoint", "{peer}/"}, {"region", "eu-central-1"}},
        .refusal = {403, xml("SignatureDoesNotMatch")}};
}

TEST(s3_template, sees_the_bucket)
{
    test::expect_identity(bucket_case());
}

error refused_with(int status, std::string const& body, std::vector<http_header> headers = {})
{
    auto one = bucket_case();
    one.calls[0].status = status;
    one.calls[0].answer = body;
    one.calls[0].answer_headers = std::move(headers);
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, one.calls);
    auto const said = test::ask_identity(one, loop, peer.url());
    return said ? error(errc::none, "") : said.error();
}

TEST(s3_template, says_what_to_do_about_a_refusal)
{
    auto const denied = refused_with(403, xml("AccessDenied"));
    EXPECT_EQ(denied.code, errc::unauthorized);
    EXPECT_NE(denied.message.find("needs s3:ListBucket"), std::string::npos) << denied.message;
    auto const skewed = refused_with(403, xml("RequestTimeTooSkewed"));
    EXPECT_NE(skewed.message.find("clock"), std::string::npos) << skewed.message;
    EXPECT_EQ(refused_with(404, xml("NoSuchBucket")).code, errc::not_found);
    auto const moved = refused_with(301, xml("PermanentRedirect"), {{"x-amz-bucket-region", "us-west-2"}});
    EXPECT_EQ(moved.code, errc::not_found);
    EXPECT_NE(moved.message.find("in the region us-west-2"), std::string::npos) << moved.message;
    auto const unnamed =
        refused_with(400, xml("AuthorizationHeaderMalformed"), {{"x-amz-bucket-region", "<b>"}});
    EXPECT_NE(unnamed.message.find("check region"), std::string::npos) << unnamed.message;
    EXPECT_EQ(unnamed.message.find("<b>"), std::string::npos);
    EXPECT_EQ(refused_with(503, xml("SlowDown")).code, errc::unavailable);
    EXPECT_EQ(refused_with(200, "<ListAllMyBucketsResult/>").code, errc::not_found);
    EXPECT_EQ(refused_with(200, "{}").code, errc::not_found);
    auto const odd = refused_with(403, "<Code>a b\n</Code><Code>");
    EXPECT_EQ(odd.message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace linkspan
