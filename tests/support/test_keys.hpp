#pragma once
#include <string>
#include <string_view>

namespace linkspan::test
{

// Keys made for one test run, as PEM.
enum class key_form
{
    pkcs1,      // BEGIN RSA PRIVATE KEY, as GitHub lets it be downloaded
    pkcs8,      // BEGIN PRIVATE KEY, as in Google's JSON file
    encrypted,  // PKCS#8 with the passphrase "horse"
    encrypted_pkcs1,
    public_half,
};

// An RSA key; the same one again for the same number of bits.
std::string rsa_key(key_form form, unsigned bits = 2048);
std::string ec_key(key_form form);  // pkcs8, or pkcs1 for the old "BEGIN EC PRIVATE KEY"

// Whether a JWT is signed RS256 by the key of rsa_key(), as a service would judge it; its header and claims
// are then the two JSON texts.
bool is_signed_rs256(std::string_view jwt);
std::string jwt_header(std::string_view jwt);
std::string jwt_claims(std::string_view jwt);

}  // namespace linkspan::test
