#include "store/vault.hpp"

#include "core/base/text.hpp"
#include "store/key_file.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

std::string associated_data(seal_place const& place)
{
    return "linkspan:" + place.link.value + ":" + std::string(place.field) + ":" +
           std::to_string(place.version);
}

}  // namespace

result<vault> vault::open(std::filesystem::path const& key_file)
{
    auto const what = "the master key " + key_file.string();
    auto const text = read_private_file(key_file, what, key_file_bytes_max, key_guard::mode);
    if (!text)
        return text.error();
    if (is_locked_key(*text))
        return error(errc::invalid, what + " is locked with a passphrase");
    auto const keys = parse_keys(*text, what);
    if (!keys)
        return keys.error();
    return of_keys(*keys, key_file_origin(key_file));
}

result<vault> vault::create(std::filesystem::path const& key_file)
{
    opened_keys made;
    made.keys.push_back(make_key());
    auto const text = text_of_keys(made);
    if (!text)
        return text.error();
    if (auto const written = make_private_file(key_file, *text); !written)
        return written.error();
    return open(key_file);
}

vault vault::of_keys(std::vector<secret> const& keys, std::string origin)
{
    vault out;
    for (auto const& key : keys)
    {
        held_key held;
        held.id = id_of_key(key);
        held.bytes = key;
        out.keys_.push_back(std::move(held));
    }
    out.origin_ = std::move(origin);
    return out;
}

std::vector<std::string> vault::key_ids() const
{
    std::vector<std::string> out;
    for (auto const& key : keys_)
        out.push_back(key.id);
    return out;
}

bool vault::holds(std::string_view key_id) const
{
    return std::ranges::find(keys_, key_id, &held_key::id) != keys_.end();
}

bool vault::seal_with(std::string_view key_id)
{
    auto const found = std::ranges::find(keys_, key_id, &held_key::id);
    if (found == keys_.end())
        return false;
    std::rotate(keys_.begin(), found, found + 1);
    return true;
}

result<std::string> vault::seal(secret const& plain, seal_place const& place) const
{
    return encrypt(keys_.front().bytes, plain.reveal(), associated_data(place));
}

result<secret> vault::open_sealed(
    std::string_view sealed, std::string_view sealed_with, seal_place const& place
) const
{
    auto const what = "open " + std::string(place.field) + " of link " + place.link.value + ": ";
    auto const key = std::ranges::find(keys_, sealed_with, &held_key::id);
    if (key == keys_.end())
        return error(
            errc::unauthorized,
            what + "it was sealed with the master key " + std::string(sealed_with) + ", but " + origin_ +
                " holds " + joined(key_ids(), " and ") +
                "; restore the right key file, or set the field again with linkspan set-creds"
        );
    if (sealed.size() < cipher_extra_bytes)
        return error(errc::unauthorized, what + "the stored value is cut short");
    auto opened = decrypt(key->bytes, sealed, associated_data(place));
    if (!opened)
        return error(errc::unauthorized, what + "the stored value was altered or moved; set it again");
    return std::move(*opened);
}

}  // namespace linkspan
