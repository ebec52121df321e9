#pragma once
#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace linkspan
{

// What a sealed value is bound to: moved to another place, it does not open.
struct seal_place
{
    link_id link;
    std::string_view field;
    std::int64_t version = 1;
};

// Seals and opens credentials: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. A sealed value is
// nonce | ciphertext | tag. The master key stands in a file of its own, mode 0600, outside the database.
class vault
{
public:
    // Reads the key file. errc::not_found where there is none, errc::unauthorized where others may read it,
    // errc::invalid where it is no key file.
    static result<vault> open(std::filesystem::path const& key_file);

    // Makes a key file with a new random key, or opens the one that another process made meanwhile.
    static result<vault> create(std::filesystem::path const& key_file);

    // Names the key without telling it; stands beside each sealed value.
    std::string const& key_id() const { return key_id_; }

    // Where it was read: "key file /home/ada/.local/share/linkspan/master.key".
    std::string const& origin() const { return origin_; }

    result<std::string> seal(secret const& plain, seal_place const& place) const;

    // errc::unauthorized: sealed with another key (sealed_with), moved from another place, or altered.
    result<secret> open_sealed(std::string_view sealed, std::string_view sealed_with, seal_place const& place)
        const;

private:
    static result<vault> from_text(std::string text, std::filesystem::path const& key_file);

    secret key_;  // 32 bytes
    std::string key_id_;
    std::string origin_;
};

// Fills a range from the kernel's random source.
void fill_random(std::span<std::uint8_t> out);

}  // namespace linkspan
