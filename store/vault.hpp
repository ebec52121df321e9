#pragma once
#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "store/cipher.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What a sealed value is bound to: moved to another place, it does not open.
struct seal_place
{
    link_id link;
    std::string_view field;
    std::int64_t version = 1;
};

// Seals and opens credentials: AES-256-GCM, bound to their place. Holds one key that seals and, while a
// rotation is on its way, others that only open. The keys stand in a file of their own (key_file.hpp) outside
// the database.
class vault
{
public:
    // Reads a key file that no passphrase locks. errc::not_found where there is none, errc::unauthorized
    // where others may read it or own it, errc::invalid where it is no key file, or a locked one.
    static result<vault> open(std::filesystem::path const& key_file);

    // Makes a key file with a new random key, or opens the one that another process made meanwhile.
    static result<vault> create(std::filesystem::path const& key_file);

    // Of keys that are read already, 32 bytes each and at least one; the first seals.
    static vault of_keys(std::vector<secret> const& keys, std::string origin);

    // Names the key that seals, without telling it; stands beside each sealed value.
    std::string const& key_id() const { return keys_.front().id; }

    // All that open, the sealing one first.
    std::vector<std::string> key_ids() const;
    bool holds(std::string_view key_id) const;

    // Seals with another of its keys from now on. Whether it holds that one.
    bool seal_with(std::string_view key_id);

    // Where it was read: "key file /home/ada/.local/share/linkspan/master.key".
    std::string const& origin() const { return origin_; }

    result<std::string> seal(secret const& plain, seal_place const& place) const;

    // errc::unauthorized: sealed with another key (sealed_with), moved from another place, or altered. The
    // message names link and field.
    result<secret> open_sealed(std::string_view sealed, std::string_view sealed_with, seal_place const& place)
        const;

private:
    struct held_key
    {
        std::string id;
        secret bytes;
    };

    vault() = default;

    std::vector<held_key> keys_;  // never empty
    std::string origin_;
};

}  // namespace linkspan
