#pragma once
#include "tests/support/environment.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace linkspan::test
{

// A certificate authority that lives as long as the object, with one certificate for some host names.
class test_authority
{
public:
    // days: how long the certificate is good from yesterday on; less than one: it has expired.
    explicit test_authority(std::vector<std::string> const& hosts, int days = 30);

    std::filesystem::path ca_file() const { return folder_.path() / "ca.pem"; }
    std::filesystem::path certificate_file() const { return folder_.path() / "certificate.pem"; }
    std::filesystem::path key_file() const { return folder_.path() / "key.pem"; }

    // Base64 of the SHA-256 of the certificate's public key, as Chromium's
    // --ignore-certificate-errors-spki-list takes it.
    std::string const& key_pin() const { return key_pin_; }

private:
    temporary_folder folder_;
    std::string key_pin_;
};

}  // namespace linkspan::test
